//! The functions of a Python text as trees that can be compared.

use tree_sitter::Node;

use super::tree::Tree;
use crate::lexer::{hash, spread};
use crate::python::{Place, is_docstring, parse, source, walk};

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
        |place| {
            if place.node.kind() == "function_definition" {
                found.push(place.node);
            }
            true
        },
        |_, _| {},
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
    // Labels of the nodes that were entered and not left yet.
    let open = std::cell::RefCell::new(vec![]);
    walk(
        function,
        |place| {
            let is_kept = !is_left_out(place);
            if is_kept {
                open.borrow_mut().push(label(place, text));
            }
            is_kept
        },
        |_, was_kept| {
            let mut open = open.borrow_mut();
            if let Some(label) = open.pop_if(|_| was_kept) {
                nodes.push((label, open.len()));
            }
        },
    );
    (nodes.len() <= MAX_NODES).then(|| Tree::from_postorder(&nodes))
}

fn is_left_out(place: &Place<'_, '_>) -> bool {
    const SILENT: &[&str] = &["comment", "type", "string_start", "string_content", "string_end"];
    SILENT.contains(&place.node.kind()) || !(place.node.is_named() || is_operator(place)) || is_docstring(place)
}

fn is_operator(place: &Place<'_, '_>) -> bool {
    const OPERATING: &[&str] =
        &["binary_operator", "boolean_operator", "comparison_operator", "unary_operator", "augmented_assignment"];
    OPERATING.contains(&place.kind_above(1))
}

/// What a node is. Numbers, attributes and called names are told apart; other names and strings aren't.
fn label(place: &Place<'_, '_>, text: &str) -> u64 {
    let kind = u64::from(place.node.kind_id());
    let name = source(place.node, text);
    let is_told_apart = match (place.node.kind(), place.kind_above(1), place.field) {
        ("integer" | "float", ..) | ("identifier", "attribute", Some("attribute")) => true,
        ("identifier", "call", Some("function")) => BUILTINS.contains(&name),
        _ => false,
    };
    if is_told_apart { spread(kind ^ hash(name.as_bytes())) } else { spread(kind) }
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
