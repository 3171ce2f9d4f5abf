"""The one table: records, unit of work, queries."""
