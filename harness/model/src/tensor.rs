//! A dense f32 tensor, row-major.

/// A dense f32 tensor, row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    shape: Vec<usize>,
    data: Vec<f32>,
}

impl Tensor {
    /// A tensor of the given shape and contents.
    ///
    /// # Panics
    /// The number of elements isn't the product of the shape.
    pub fn new(shape: Vec<usize>, data: Vec<f32>) -> Tensor {
        assert_eq!(shape.iter().product::<usize>(), data.len(), "a tensor's data must fill its shape {shape:?}");
        Tensor { shape, data }
    }

    /// The lengths of its dimensions.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Its elements, the last dimension running fastest.
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// Its elements, handed over.
    pub fn into_data(self) -> Vec<f32> {
        self.data
    }

    /// Its elements, to be changed in place.
    pub fn data_mut(&mut self) -> &mut [f32] {
        &mut self.data
    }

    /// Rows and columns; a vector is one column.
    pub fn rows_cols(&self) -> (usize, usize) {
        match self.shape.as_slice() {
            [rows, cols] => (*rows, *cols),
            _ => (self.data.len(), 1),
        }
    }
}
