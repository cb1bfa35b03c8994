//! Kecha 可查: the certificate chain from the exam to the public query.

mod registry;
