//! The backward pass.

use crate::network::{BlockState, Network};
use crate::ops::cross_entropy::{Targets, loss};
use crate::ops::linear::LinearGrads;
use crate::ops::{attention, gelu, layer_norm, linear};
use crate::rows::Rows;
use crate::weights::{EMBEDDING, LayerSlots, Weights, final_norm, head};
use candle_core::{D, DType, Result, Tensor};

/// Gradients in the order of the slots, added up over rows; none where there is none yet.
#[derive(Debug)]
pub(crate) struct Gradients(Vec<Option<Tensor>>);

impl Gradients {
    pub(crate) fn none(slots: usize) -> Gradients {
        Gradients(vec![None; slots])
    }

    pub(crate) fn get(&self, slot: usize) -> Option<&Tensor> {
        self.0[slot].as_ref()
    }

    /// Takes one out.
    pub(crate) fn take(&mut self, slot: usize) -> Option<Tensor> {
        self.0[slot].take()
    }

    /// Their Euclidean norm over all parameters; the squares of a tensor are summed on the device, the sums in f64. Row by row
    /// first: a GPU would sum a whole tensor in one block of threads.
    pub(crate) fn norm(&self) -> Result<f64> {
        let of = |grad: &Tensor| grad.sqr()?.sum(D::Minus1)?.sum_all();
        let squares: Vec<Tensor> = self.0.iter().flatten().map(of).collect::<Result<_>>()?;
        if squares.is_empty() {
            return Ok(0.0);
        }
        let sums = Tensor::stack(&squares, 0)?.to_vec1::<f32>()?;
        Ok(sums.iter().map(|x| f64::from(*x)).sum::<f64>().sqrt())
    }

    fn add(&mut self, slot: usize, grad: Tensor) -> Result<()> {
        let sum = match self.0[slot].take() {
            Some(sum) => (sum + grad)?,
            None => grad,
        };
        self.0[slot] = Some(sum);
        Ok(())
    }

    fn add_pair(&mut self, (weight, bias): (usize, usize), w: Tensor, b: Tensor) -> Result<()> {
        self.add(weight, w)?;
        self.add(bias, b)
    }

    /// Adds those of a linear layer; returns that of its input.
    fn linear(&mut self, at: (usize, usize), grads: LinearGrads) -> Result<Tensor> {
        self.add_pair(at, grads.w, grads.b)?;
        Ok(grads.x)
    }
}

impl Network {
    /// The sum of the weighted losses, in nats.
    pub(crate) fn loss(&self, w: &Weights, rows: &Rows, targets: &Targets) -> Result<f64> {
        let trunk = self.trunk(w, rows, &mut drop)?;
        let (weight, bias) = self.head(w);
        Ok(loss(&trunk.norm, weight, bias, targets, None)?.0)
    }

    /// The sum of the weighted losses, in nats; adds the gradient of `scale` times that sum.
    pub(crate) fn loss_and_gradients(
        &self,
        w: &Weights,
        rows: &Rows,
        targets: &Targets,
        scale: f64,
        grads: &mut Gradients,
    ) -> Result<f64> {
        let layers = self.config.num_layers;
        let mut blocks = Vec::with_capacity(layers);
        let trunk = self.trunk(w, rows, &mut |block| blocks.push(block))?;
        let (weight, bias) = self.head(w);
        let (loss, of_head) = loss(&trunk.norm, weight, bias, targets, Some(scale))?;
        let Some(of_head) = of_head else { return Ok(loss) };
        grads.add_pair(head(layers), of_head.w, of_head.b)?;
        let at = final_norm(layers);
        let last = layer_norm::backward(&of_head.x, &trunk.x, w.get(at.0), &trunk.stats)?;
        grads.add_pair(at, last.w, last.b)?;
        let mut dx = last.x;
        // A block's state is dropped as soon as its gradient is there.
        while let Some(block) = blocks.pop() {
            dx = self.block_backward(w, blocks.len(), rows, &block, &dx, grads)?;
        }
        let table = w.get(EMBEDDING);
        let zeros = Tensor::zeros(table.dims(), DType::F32, table.device())?;
        grads.add(EMBEDDING, zeros.index_add(&rows.tokens, &dx, 0)?)?;
        Ok(loss)
    }

    /// The gradient of a block's input from that of its output.
    fn block_backward(
        &self,
        w: &Weights,
        layer: usize,
        rows: &Rows,
        s: &BlockState,
        dx: &Tensor,
        grads: &mut Gradients,
    ) -> Result<Tensor> {
        let at = LayerSlots::new(layer);
        let fc2 = linear::backward(dx, &s.active, w.get(at.fc2().0))?;
        let dactive = grads.linear(at.fc2(), fc2)?;
        let dinner = gelu::backward(&dactive, &s.inner.to_dtype(DType::F32)?)?;
        let fc1 = linear::backward(&dinner, &s.norm, w.get(at.fc1().0))?;
        let by_mlp = grads.linear(at.fc1(), fc1)?;

        let dense = linear::backward(dx, &s.mixed, w.get(at.dense().0))?;
        let dmixed = grads.linear(at.dense(), dense)?;
        let dqkv = attention::backward(&dmixed, &s.qkv, &s.p, &rows.rotary, rows.heads)?;
        let qkv = linear::backward(&dqkv, &s.norm, w.get(at.qkv().0))?;
        let by_attention = grads.linear(at.qkv(), qkv)?;

        let dnorm = (by_mlp + by_attention)?;
        let norm = layer_norm::backward(&dnorm, &s.x, w.get(at.norm().0), &s.stats)?;
        grads.add_pair(at.norm(), norm.w, norm.b)?;
        dx + norm.x
    }
}
