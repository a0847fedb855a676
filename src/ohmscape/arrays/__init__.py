"""Pure functions of electrode geometry: ground, geometric factors, designs, error models."""
