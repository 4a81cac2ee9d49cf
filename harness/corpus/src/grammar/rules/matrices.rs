//! Lists of rows.

use crate::grammar::rule::Rule;
use crate::grammar::value::Value::{self, Int};

fn matrix(rows: Vec<Vec<i128>>) -> Value {
    Value::List(rows.into_iter().map(Value::ints).collect())
}

fn transpose(rows: &[Vec<i128>]) -> Vec<Vec<i128>> {
    (0..rows.first().map_or(0, Vec::len)).map(|i| rows.iter().map(|row| row[i]).collect()).collect()
}

pub(super) const RULES: &[Rule] = &[
    rule!(
        "row_sums",
        1,
        [Matrix],
        [],
        ["row_sums", "sum_rows", "row_totals", "add_rows"],
        ["{R} the list of the sums of the rows of {a}.", "Add up each row of {a}."],
        ["return [sum({x}) for {x} in {a}]", "{t} = []\nfor {x} in {a}:\n    {t}.append(sum({x}))\nreturn {t}"],
        |c| Some(Value::ints(c.rows(0)?.iter().map(|r| r.iter().sum()))),
        "A row is a list, so sum works on it."
    ),
    rule!(
        "column_sums",
        2,
        [Matrix],
        [],
        ["column_sums", "sum_columns", "col_totals", "add_columns"],
        ["{R} the list of the sums of the columns of {a}.", "Add up each column of {a}."],
        ["return [sum({x}) for {x} in zip(*{a})]"],
        |c| Some(Value::ints(transpose(&c.rows(0)?).iter().map(|r| r.iter().sum()))),
        "zip with a star turns rows into columns."
    ),
    rule!(
        "transpose",
        2,
        [Matrix],
        [],
        ["transpose", "flip_matrix", "rows_to_columns", "turn_matrix"],
        ["{R} the transpose of {a}.", "{R} {a} with rows and columns exchanged."],
        ["return [list({x}) for {x} in zip(*{a})]", "return [[{x}[{i}] for {x} in {a}] for {i} in range(len({a}[0]))]"],
        |c| Some(matrix(transpose(&c.rows(0)?))),
        "The first column becomes the first row."
    ),
    rule!(
        "diagonal",
        2,
        [Square],
        [],
        ["diagonal", "main_diagonal", "get_diagonal", "diag"],
        ["{R} the main diagonal of {a} as a list.", "{B} a list of the elements of {a} whose row equals their column."],
        ["return [{a}[{i}][{i}] for {i} in range(len({a}))]"],
        |c| Some(Value::ints(c.rows(0)?.iter().enumerate().map(|(i, r)| r[i]))),
        "The same index serves for the row and the column."
    ),
    rule!(
        "trace",
        2,
        [Square],
        [],
        ["trace", "diagonal_sum", "sum_diagonal"],
        ["{R} the sum of the main diagonal of {a}.", "Add up the diagonal elements of {a}."],
        [
            "return sum({a}[{i}][{i}] for {i} in range(len({a})))",
            "{t} = 0\nfor {i} in range(len({a})):\n    {t} += {a}[{i}][{i}]\nreturn {t}"
        ],
        |c| Some(Int(c.rows(0)?.iter().enumerate().map(|(i, r)| r[i]).sum())),
        "Only one element of each row is added."
    ),
    rule!(
        "scale_matrix",
        2,
        [Matrix],
        [(2, 9)],
        ["scale_matrix", "times_matrix", "multiply_matrix", "enlarge"],
        ["{R} {a} with every element multiplied by {k}.", "Multiply each number in the matrix {a} by {k}."],
        ["return [[{y} * {k} for {y} in {x}] for {x} in {a}]"],
        |c| Some(matrix(c.rows(0)?.into_iter().map(|r| r.into_iter().map(|x| x * c.k(0)).collect()).collect())),
        "A comprehension in a comprehension keeps the rows apart."
    ),
    rule!(
        "matrix_max",
        1,
        [Matrix],
        [],
        ["matrix_max", "largest_in_matrix", "max_element", "peak"],
        ["{R} the largest number in the matrix {a}.", "{R} the maximum over all rows of {a}."],
        ["return max(max({x}) for {x} in {a})"],
        |c| c.rows(0)?.concat().into_iter().max().map(Int),
        "The maximum of the rows' maxima is the maximum of all."
    ),
    rule!(
        "rotate_matrix",
        3,
        [Square],
        [],
        ["rotate_matrix", "turn_right", "rotate_clockwise", "quarter_turn"],
        ["{R} {a} rotated clockwise by a quarter turn.", "Rotate the matrix {a} to the right."],
        ["return [list({x}) for {x} in zip(*{a}[::-1])]"],
        |c| {
            let mut r = c.rows(0)?;
            r.reverse();
            Some(matrix(transpose(&r)))
        },
        "Reversing the rows and transposing makes a rotation."
    ),
    rule!(
        "count_in_matrix",
        3,
        [Matrix],
        [(0, 8)],
        ["count_in_matrix", "cells_above", "count_cells", "large_cells"],
        [
            "{R} how many numbers in the matrix {a} are greater than {k}.",
            "Count the elements of the matrix {a} above {k}."
        ],
        [
            "return sum(1 for {x} in {a} for {y} in {x} if {y} > {k})",
            "{t} = 0\nfor {x} in {a}:\n    for {y} in {x}:\n        if {y} > {k}:\n            {t} += 1\nreturn {t}"
        ],
        |c| Some(Int(c.rows(0)?.concat().iter().filter(|x| **x > c.k(0)).count() as i128)),
        "Two loops visit every cell."
    ),
    rule!(
        "identity_like",
        3,
        [Small],
        [(2, 9)],
        ["diagonal_matrix", "identity_like", "make_diagonal"],
        ["{B} an {a} by {a} matrix with {k} on the diagonal and 0 elsewhere."],
        ["return [[{k} if {x} == {i} else 0 for {x} in range({a})] for {i} in range({a})]"],
        |c| {
            let n = c.int(0)?;
            Some(matrix((0..n).map(|i| (0..n).map(|j| if i == j { c.k(0) } else { 0 }).collect()).collect()))
        },
        "A cell lies on the diagonal when its two indices are equal."
    ),
];
