"""The suite behind `vpbx validate`: published and exact values, and what the engine makes of them."""
