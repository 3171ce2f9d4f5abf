"""HTTP craft: posted forms, replies, formats."""
