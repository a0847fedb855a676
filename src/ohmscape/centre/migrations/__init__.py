"""What makes and changes the tables, forward only: Alembic runs one SQL file for each step."""
