"""What reaches a function from outside, and the guard that looks at it."""
