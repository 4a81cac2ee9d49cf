//! Keys and values of sequences that share their beginnings.
//!
//! A node holds a stretch of tokens; it goes on from a place in another node, or begins a sequence. So a tree of nodes
//! holds every shared prefix once. A node's keys and values lie in blocks of [`POSITIONS`] positions, the same block
//! numbers in every layer; blocks that nobody needs any more are used again.

use rayon::prelude::*;

/// Positions of one block.
pub(super) const POSITIONS: usize = 8;

/// A node of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NodeId(usize);

#[derive(Debug)]
struct Node {
    /// The node that this one goes on from, and how many of that node's own tokens it goes on after.
    base: Option<(NodeId, usize)>,
    /// Position of the first own token.
    start: usize,
    /// Own tokens.
    len: usize,
    blocks: Vec<usize>,
    children: usize,
    held: bool,
}

/// Keys and values of all sequences at hand.
#[derive(Debug)]
pub(crate) struct KvCache {
    /// For each layer its blocks: keys `[kv_heads, head_dim, POSITIONS]`, then values `[kv_heads, POSITIONS, head_dim]`.
    layers: Vec<Vec<Box<[f32]>>>,
    kv_heads: usize,
    head_dim: usize,
    free_blocks: Vec<usize>,
    nodes: Vec<Node>,
    free_nodes: Vec<usize>,
}

/// Some positions in a row, in one block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub block: usize,
    /// Position of the block's first token.
    pub position: usize,
    /// Positions that count.
    pub count: usize,
}

/// Where a new token's keys and values go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub block: usize,
    pub offset: usize,
    pub row: usize,
}

impl KvCache {
    /// An empty cache.
    pub(crate) fn new(num_layers: usize, kv_heads: usize, head_dim: usize) -> KvCache {
        let layers = (0..num_layers).map(|_| Vec::new()).collect();
        KvCache { layers, kv_heads, head_dim, free_blocks: Vec::new(), nodes: Vec::new(), free_nodes: Vec::new() }
    }

    /// Bytes that `tokens` tokens of one node take.
    pub(crate) fn bytes(num_layers: usize, kv_heads: usize, head_dim: usize, tokens: usize) -> usize {
        num_layers * 2 * kv_heads * head_dim * size_of::<f32>() * tokens.next_multiple_of(POSITIONS)
    }

    /// A node without tokens, held until it is released. It goes on after the first `used` own tokens of a
    /// node, which must have them by the time that this one gets tokens.
    pub(crate) fn node(&mut self, base: Option<(NodeId, usize)>) -> NodeId {
        let start = base.map_or(0, |(node, used)| {
            let node = &mut self.nodes[node.0];
            node.children += 1;
            node.start + used
        });
        let node = Node { base, start, len: 0, blocks: Vec::new(), children: 0, held: true };
        match self.free_nodes.pop() {
            Some(id) => {
                self.nodes[id] = node;
                NodeId(id)
            }
            None => {
                self.nodes.push(node);
                NodeId(self.nodes.len() - 1)
            }
        }
    }

    /// Lets go of a node: its memory is free as soon as no other node goes on from it.
    pub(crate) fn release(&mut self, node: NodeId) {
        self.nodes[node.0].held = false;
        let mut next = Some(node);
        while let Some(id) = next {
            let node = &mut self.nodes[id.0];
            if node.held || node.children > 0 {
                return;
            }
            self.free_blocks.append(&mut node.blocks);
            self.free_nodes.push(id.0);
            next = node.base.take().map(|(base, _)| {
                self.nodes[base.0].children -= 1;
                base
            });
        }
    }

    /// Position of the token that a node would take next.
    pub(super) fn end(&self, node: NodeId) -> usize {
        self.nodes[node.0].start + self.nodes[node.0].len
    }

    /// Makes room for `count` more tokens of a node, which stand in rows from `row`; adds where each goes to `slots`.
    pub(super) fn append(&mut self, node: NodeId, count: usize, row: usize, slots: &mut Vec<Slot>) {
        for i in 0..count {
            let at = self.nodes[node.0].len + i;
            if at.is_multiple_of(POSITIONS) {
                let block = self.new_block();
                self.nodes[node.0].blocks.push(block);
            }
            let block = self.nodes[node.0].blocks[at / POSITIONS];
            slots.push(Slot { block, offset: at % POSITIONS, row: row + i });
        }
        self.nodes[node.0].len += count;
    }

    fn new_block(&mut self) -> usize {
        let len = 2 * self.kv_heads * self.head_dim * POSITIONS;
        match self.free_blocks.pop() {
            // What is beyond a block's end is multiplied by 0, so it must be finite whatever was there.
            Some(block) => {
                self.layers.iter_mut().for_each(|l| l[block].fill(0.0));
                block
            }
            None => {
                self.layers.iter_mut().for_each(|l| l.push(vec![0.0; len].into_boxed_slice()));
                self.layers[0].len() - 1
            }
        }
    }

    /// All positions that a node's tokens see, in order.
    pub(super) fn pieces(&self, node: NodeId) -> Vec<Piece> {
        let mut chain = vec![(node, self.nodes[node.0].len)];
        while let Some(base) = self.nodes[chain[chain.len() - 1].0.0].base {
            chain.push(base);
        }
        let mut pieces = Vec::new();
        for (id, used) in chain.into_iter().rev() {
            let node = &self.nodes[id.0];
            for (i, block) in node.blocks[..used.div_ceil(POSITIONS)].iter().enumerate() {
                let count = POSITIONS.min(used - i * POSITIONS);
                pieces.push(Piece { block: *block, position: node.start + i * POSITIONS, count });
            }
        }
        pieces
    }

    /// Stores keys and values of new tokens in a layer: `slots` say where, `qkv[rows, width]` has them, each head at
    /// the columns given.
    pub(super) fn store(
        &mut self,
        layer: usize,
        slots: &[Slot],
        qkv: &[f32],
        width: usize,
        columns: (&[usize], &[usize]),
    ) {
        let (head_dim, kv_heads) = (self.head_dim, self.kv_heads);
        let blocks = &mut self.layers[layer];
        let mut by_block: Vec<&[Slot]> = slots.chunk_by(|a, b| a.block == b.block).collect();
        by_block.sort_by_key(|s| s[0].block);
        // Blocks are taken out, each once, so that threads can fill them side by side.
        let mut taken: Vec<(&[Slot], Box<[f32]>)> =
            by_block.into_iter().map(|s| (s, std::mem::take(&mut blocks[s[0].block]))).collect();
        taken.par_iter_mut().with_min_len(4).for_each(|(slots, block)| {
            let (keys, values) = block.split_at_mut(kv_heads * head_dim * POSITIONS);
            for slot in *slots {
                let row = &qkv[slot.row * width..(slot.row + 1) * width];
                for (h, (k, v)) in columns.0.iter().zip(columns.1).enumerate() {
                    let keys = &mut keys[h * head_dim * POSITIONS..(h + 1) * head_dim * POSITIONS];
                    for (to, x) in keys[slot.offset..].iter_mut().step_by(POSITIONS).zip(&row[*k..k + head_dim]) {
                        *to = *x;
                    }
                    let at = (h * POSITIONS + slot.offset) * head_dim;
                    values[at..at + head_dim].copy_from_slice(&row[*v..v + head_dim]);
                }
            }
        });
        for (slots, block) in taken {
            blocks[slots[0].block] = block;
        }
    }

    /// Keys `[head_dim, POSITIONS]` of one head in a block.
    #[inline(always)]
    pub(super) fn keys(&self, layer: usize, block: usize, head: usize) -> &[f32] {
        let len = self.head_dim * POSITIONS;
        &self.layers[layer][block][head * len..(head + 1) * len]
    }

    /// Values `[POSITIONS, head_dim]` of one head in a block.
    #[inline(always)]
    pub(super) fn values(&self, layer: usize, block: usize, head: usize) -> &[f32] {
        let len = self.head_dim * POSITIONS;
        &self.layers[layer][block][(self.kv_heads + head) * len..(self.kv_heads + head + 1) * len]
    }
}
