"""From models to statements about the ground, each with its uncertainty."""
