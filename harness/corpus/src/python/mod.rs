//! Python's syntax, as tree-sitter reads it: it never fails, and marks what it couldn't understand.

mod docstring;
mod modules;

pub(crate) use docstring::is_docstring;
pub(crate) use modules::is_standard_module;

use std::cell::RefCell;

use tree_sitter::{Node, Parser, Tree};

thread_local! {
    static PARSER: RefCell<Parser> = RefCell::new(parser());
}

fn parser() -> Parser {
    let mut parser = Parser::new();
    let set = parser.set_language(&tree_sitter_python::LANGUAGE.into());
    set.expect("the grammar has a version that the parser reads");
    parser
}

/// The syntax tree of a text; `None` never in practice, since no time limit is set.
pub(crate) fn parse(text: &str) -> Option<Tree> {
    PARSER.with_borrow_mut(|parser| parser.parse(text, None))
}

/// A node on a walk, with what stands above it: tree-sitter itself finds a parent only by searching from the root.
pub(crate) struct Place<'a, 't> {
    /// The node.
    pub node: Node<'t>,
    /// The nodes above it, the nearest last.
    pub above: &'a [Node<'t>],
    /// The field of its parent that it is.
    pub field: Option<&'a str>,
}

impl<'t> Place<'_, 't> {
    /// The kind of the node `levels` above this one; empty where there is none.
    pub fn kind_above(&self, levels: usize) -> &'t str {
        self.above.iter().rev().nth(levels - 1).map_or("", |node| node.kind())
    }
}

/// Visits a node and all below it in order, without recursion, so that deep nesting does no harm. `enter` is told each
/// node; where it says `false`, what is below that node is left out. `leave` is told each node, and what `enter` said.
pub(crate) fn walk<'t>(
    root: Node<'t>,
    mut enter: impl FnMut(&Place<'_, 't>) -> bool,
    mut leave: impl FnMut(Node<'t>, bool),
) {
    let mut cursor = root.walk();
    let mut above: Vec<Node<'t>> = vec![];
    loop {
        let node = cursor.node();
        let descends = enter(&Place { node, above: &above, field: cursor.field_name() });
        if descends && cursor.goto_first_child() {
            above.push(node);
            continue;
        }
        leave(node, descends);
        loop {
            if above.is_empty() {
                return;
            }
            if cursor.goto_next_sibling() {
                break;
            }
            cursor.goto_parent();
            if let Some(parent) = above.pop() {
                leave(parent, true);
            }
        }
    }
}

/// The source of a node.
pub(crate) fn source<'t>(node: Node<'_>, text: &'t str) -> &'t str {
    text.get(node.byte_range()).unwrap_or_default()
}
