//! The functions of a Python text as trees that can be compared.

use tree_sitter::Node;

use super::tree::Tree;
use crate::lexer::{hash, spread};
use crate::python::{is_docstring, parse, source, walk};

/// Functions of more nodes are compared by n-grams and embedding only: a benchmark's are smaller.
const MAX_NODES: usize = 600;

/// A function with its tree.
#[derive(Debug, Clone)]
pub(super) struct Function {
    /// From its signature to its end.
    pub text: String,
    pub tree: Tree,
}

/// Every function and method of a text, nested ones too, that has between `min_nodes` and 600 nodes.
pub(super) fn functions(text: &str, min_nodes: usize) -> Vec<Function> {
    let Some(tree) = parse(text) else { return vec![] };
    let mut found = vec![];
    walk(
        tree.root_node(),
        |node| {
            if node.kind() == "function_definition" {
                found.push(node);
            }
            true
        },
        |_| {},
    );
    let function = |node: Node<'_>| {
        let tree = tree_of(node, text)?;
        (tree.len() >= min_nodes).then(|| Function { text: source(node, text).to_owned(), tree })
    };
    found.into_iter().filter_map(function).collect()
}

/// The tree of a function: its named nodes and its operators, without comments, docstrings and type annotations.
/// `None` above [`MAX_NODES`].
fn tree_of(function: Node<'_>, text: &str) -> Option<Tree> {
    // Labels in the order in which nodes are left, and for each how deep it stands.
    let mut nodes: Vec<(u64, usize)> = vec![];
    let depth = std::cell::Cell::new(0usize);
    let is_left_out = |node: Node<'_>| {
        matches!(node.kind(), "comment" | "type" | "string_start" | "string_content" | "string_end" | "->")
            || !(node.is_named() || is_operator(node))
            || is_docstring(node)
    };
    walk(
        function,
        |node| {
            if is_left_out(node) {
                return false;
            }
            depth.set(depth.get() + 1);
            // Far above the limit nothing more needs to be looked at.
            true
        },
        |node| {
            if !is_left_out(node) {
                depth.set(depth.get() - 1);
                nodes.push((label(node, text), depth.get()));
            }
        },
    );
    (nodes.len() <= MAX_NODES).then(|| Tree::from_postorder(&nodes))
}

fn is_operator(node: Node<'_>) -> bool {
    const OPERATING: &[&str] =
        &["binary_operator", "boolean_operator", "comparison_operator", "unary_operator", "augmented_assignment"];
    node.parent().is_some_and(|parent| OPERATING.contains(&parent.kind()))
}

/// What a node is. Numbers, attributes and called names are told apart; other names and strings aren't.
fn label(node: Node<'_>, text: &str) -> u64 {
    let kind = u64::from(node.kind_id());
    let parent_is = |kinds: &[&str]| node.parent().is_some_and(|parent| kinds.contains(&parent.kind()));
    let field_of_parent = |field: &str| node.parent().and_then(|it| it.child_by_field_name(field)) == Some(node);
    let is_told_apart = match node.kind() {
        "integer" | "float" => true,
        "identifier" => {
            parent_is(&["attribute"]) && field_of_parent("attribute")
                || parent_is(&["call"]) && field_of_parent("function") && BUILTINS.contains(&source(node, text))
        }
        _ => false,
    };
    if is_told_apart { spread(kind ^ hash(source(node, text).as_bytes())) } else { spread(kind) }
}

/// Functions that mean the same in every program.
const BUILTINS: &[&str] = &[
    "abs",
    "all",
    "any",
    "bin",
    "bool",
    "chr",
    "dict",
    "divmod",
    "enumerate",
    "filter",
    "float",
    "hash",
    "hex",
    "int",
    "isinstance",
    "iter",
    "len",
    "list",
    "map",
    "max",
    "min",
    "next",
    "ord",
    "pow",
    "print",
    "range",
    "reversed",
    "round",
    "set",
    "sorted",
    "str",
    "sum",
    "tuple",
    "type",
    "zip",
];
