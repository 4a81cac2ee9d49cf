//! An exercise as a model is asked for it, and as it is read: nothing that it writes is run here.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use phi_openai::{Generate, Generated, JsonSchema};
use serde::Deserialize;
use serde_json::json;
use tree_sitter::Node;

use super::Brief;
use crate::exercise::Exercise;
use crate::python::{parse, source, walk};
use crate::teacher::{Question, json_object};

const MOST_TOKENS: usize = 1500;
const LEAST_TESTS: usize = 3;

const SYSTEM: &str = "\
You write exercises in Python for a data set that teaches programming: a function with a docstring, its solution, and tests.
- The docstring says exactly what the function takes and returns, edge cases included, and shows one or two examples (>>>).
- The solution is correct, short and idiomatic. It uses the standard library only, reads no input, prints nothing, and depends on \
no clock, no file, no network and no chance.
- Before the function there may be imports and helper functions; nothing else stands at the top level.
- Each test is one line: an assert that calls the function. Together they cover usual and edge cases, and no constant passes them.
Answer with a JSON object only: {\"solution\": \"the whole program\", \"tests\": [\"assert ...\", ...]}, with at least four tests.";

static SCHEMA: LazyLock<JsonSchema> = LazyLock::new(|| JsonSchema {
    name: "exercise".to_owned(),
    schema: json!({
        "type": "object",
        "properties": {
            "solution": { "type": "string" },
            "tests": { "type": "array", "items": { "type": "string" } },
        },
        "required": ["solution", "tests"],
        "additionalProperties": false,
    }),
});

#[derive(Deserialize)]
struct Reply {
    solution: String,
    tests: Vec<String>,
}

/// Why a reply is no exercise: said to the model.
pub type Refusal = String;

/// What is asked for a brief.
pub fn exercise_question(brief: &Brief) -> Question {
    let Brief { topic, audience, function, .. } = brief;
    let (level, piece) = (brief.level(), brief.inspiration());
    let user = format!(
        "Write an exercise on {topic} for {audience}. Difficulty: {level}. The function is called `{function}`; let its name \
         give you an idea of what it is about.{piece}"
    );
    let how = Generate {
        max_tokens: MOST_TOKENS,
        temperature: 1.0,
        seed: Some(brief.number << 1),
        schema: Some(SCHEMA.clone()),
        ..Generate::default()
    };
    Question::new(SYSTEM, user, how)
}

/// The exercise of a reply.
///
/// # Errors
/// What is wrong with it.
pub fn exercise_of(brief: &Brief, reply: &Generated) -> Result<Exercise, Refusal> {
    let Reply { solution, tests } = json_object(&reply.text)?;
    let (prompt, canonical_solution) = parts(solution.trim_matches('\n'), &brief.function)?;
    let tests: Result<Vec<String>, Refusal> = tests.iter().map(|test| tested(test.trim(), &brief.function)).collect();
    let tests = tests?;
    if tests.len() < LEAST_TESTS {
        return Err(format!("it has {} tests, and must have four or more", tests.len()));
    }
    let checks: String = tests.iter().map(|test| format!("    {test}\n")).collect();
    Ok(Exercise {
        task_id: format!("ServedExercises/{}", brief.number),
        concept: brief.topic.clone(),
        difficulty: brief.difficulty,
        prompt,
        entry_point: brief.function.clone(),
        canonical_solution,
        test: format!("def check(candidate):\n{checks}"),
    })
}

/// Cuts a program behind the docstring of its last function, which must bear the wanted name.
fn parts(program: &str, function: &str) -> Result<(String, String), Refusal> {
    let tree = parse(program).filter(|tree| !tree.root_node().has_error());
    let tree = tree.ok_or("`solution` isn't Python without syntax errors")?;
    let root = tree.root_node();
    let mut cursor = root.walk();
    let statements: Vec<Node<'_>> = root.named_children(&mut cursor).filter(|it| it.kind() != "comment").collect();
    let allowed = ["import_statement", "import_from_statement", "future_import_statement", "function_definition"];
    if let Some(other) = statements.iter().find(|it| !allowed.contains(&it.kind())) {
        return Err(format!("a {} stands at the top level of `solution`", other.kind().replace('_', " ")));
    }
    let last = statements.last().filter(|it| it.kind() == "function_definition");
    let last = last.ok_or("`solution` doesn't end with a function")?;
    let name = last.child_by_field_name("name").map(|it| source(it, program)).unwrap_or_default();
    if name != function {
        return Err(format!("the last function is called `{name}`, and must be called `{function}`"));
    }
    let body = last.child_by_field_name("body").ok_or("the function has no body")?;
    let docstring = body
        .named_child(0)
        .filter(|it| it.kind() == "expression_statement" && it.named_child(0).is_some_and(|it| it.kind() == "string"));
    let docstring = docstring.ok_or("the function doesn't begin with a docstring")?;
    let text = source(docstring, program);
    if !text.starts_with("\"\"\"") || text.len() < 30 {
        return Err("the docstring must stand in three double quotes, and say what the function does".to_owned());
    }
    if docstring.start_position().column != 4 {
        return Err("the function must be indented by four spaces".to_owned());
    }
    let (prompt, rest) = program.split_at(docstring.end_byte());
    if rest.trim().is_empty() {
        return Err("the function has nothing but a docstring".to_owned());
    }
    let rest = rest.strip_prefix('\n').ok_or("something stands behind the docstring in its line")?;
    Ok((format!("{prompt}\n"), format!("{}\n", rest.trim_start_matches('\n').trim_end())))
}

/// A test with `candidate` in the place of the function.
fn tested(test: &str, function: &str) -> Result<String, Refusal> {
    let wrong = || format!("the test `{test}` isn't one line with an assert that calls `{function}`");
    if test.contains('\n') {
        return Err(wrong());
    }
    let tree = parse(test).filter(|tree| !tree.root_node().has_error()).ok_or_else(wrong)?;
    let root = tree.root_node();
    let is_assert =
        root.named_child_count() == 1 && root.named_child(0).is_some_and(|it| it.kind() == "assert_statement");
    let mut names = BTreeMap::new();
    walk(
        root,
        |place| {
            if place.node.kind() == "identifier" && source(place.node, test) == function {
                names.insert(place.node.start_byte(), place.node.end_byte());
            }
            true
        },
        |_, _| {},
    );
    if !is_assert || names.is_empty() {
        return Err(wrong());
    }
    let mut out = String::new();
    let mut at = 0;
    for (start, end) in names {
        out += &test[at..start];
        out += "candidate";
        at = end;
    }
    Ok(out + &test[at..])
}
