"""Operations as named steps: the only way in for the doors."""
