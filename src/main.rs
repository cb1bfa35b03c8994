//! kecha
fn main(){}
