//! The store of the views, seen from outside: a model beside it, kills, damage.

mod model;
mod shared;
