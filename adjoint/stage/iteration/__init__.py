"""What is gone over: sequences, iterators, comprehensions."""
