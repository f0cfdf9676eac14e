"""Arrays in memory: their layouts, views, and what writes into them."""
