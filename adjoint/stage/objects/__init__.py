"""Objects: their attributes, their classes, how they are made and told apart."""
