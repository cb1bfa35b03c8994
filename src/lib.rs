//! 可查: the module list of the one program, and nothing else.

pub mod cli;
