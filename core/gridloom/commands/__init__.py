"""What stands behind `gridloom …`: one module per group of commands."""
