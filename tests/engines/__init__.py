"""The DynamoDB engines that tests run on: in memory, moto with a lock, and ministack."""
