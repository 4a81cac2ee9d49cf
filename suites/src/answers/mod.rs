//! Reading answers and comparing them where equality of texts isn't enough.
//!
//! | for | rule |
//! |---|---|
//! | SQuAD | [`squad_exact_match`], [`squad_f1`]: the official v1.1 normalisation, the best of the right answers |
//! | mathematics | [`math_answer`] finds the answer in a solution, [`math_equivalent`] says whether two mean the same |
//!
//! # When two mathematical answers are equivalent
//!
//! Both are put into a normal form ([`math_normal_form`]): spacing, `\left`, `\right`, `$`, per cent and degree signs, units,
//! `\text{...}` and the left side of `x = ...` go; `\dfrac` and `\tfrac` are `\frac`, `\frac12` is `\frac{1}{2}`, `\sqrt3` is
//! `\sqrt{3}`; thousands lose their commas. Then they are equivalent if
//!
//! 1. the normal forms are equal, or
//! 2. both are expressions of the same value: numbers, fractions, mixed numbers, roots, powers, `\pi`, and letters, for
//!    which several values are put in (so `(x+1)^2` is `x^2+2x+1`); equal means within 1e-9 of the larger one, so 0.333 isn't
//!    1/3, or
//! 3. both are tuples or intervals with the same brackets, unions, or matrices, and their parts are equivalent one by one, or
//! 4. both are sets or bare lists of the same length, and their members are equivalent in some order.
//!
//! Nothing else counts: a word is equal only to itself (in any case of its letters), and a number with another unit is
//! accepted since units aren't compared.

mod boxed;
mod expression;
mod latex;
mod math;
mod squad;

pub use boxed::math_answer;
pub use latex::math_normal_form;
pub use math::math_equivalent;
pub use squad::{squad_exact_match, squad_f1};
