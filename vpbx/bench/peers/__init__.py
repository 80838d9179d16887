"""The same two call centres written with other tools, as their users would write them."""
