"""What is merged into the packaged CloudFormation, and the command that packages."""
