//! From a recipe to a plan of content-addressed steps, and its execution.
