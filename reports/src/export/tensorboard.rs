//! TensorBoard's event files: losses and scores in training by step, and the final scores at the last one.
//!
//! The format is TensorFlow's: records (`tensorflow/core/lib/io/record_writer.cc`: length, masked CRC-32C of the length, data,
//! masked CRC-32C of the data) of the protocol buffer `Event` (`tensorflow/core/util/event.proto`), of which four fields and
//! one of `Summary` are enough. That is a page; the crates that do it bring a protocol-buffer compiler or TensorFlow.

use super::{arm_folder, io};
use crate::store::phase_name;
use crate::{ArmRun, Result, Store};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Writes `ARM-seedN/events.out.tfevents.SECONDS.phi-bench` for every arm and seed.
pub(super) fn write(store: &Store, key: &str, folder: &Path) -> Result<Vec<PathBuf>> {
    let started = store.load_without_samples(key)?.started_unix_s;
    let mut files = Vec::new();
    store.for_each_arm(key, |arm| {
        let own = folder.join(arm_folder(&arm.arm, arm.seed));
        std::fs::create_dir_all(&own).map_err(|source| io(&own, source))?;
        let path = own.join(format!("events.out.tfevents.{started}.phi-bench"));
        std::fs::write(&path, events(&arm, started as f64)).map_err(|source| io(&path, source))?;
        files.push(path);
        Ok(())
    })?;
    Ok(files)
}

/// The file's bytes.
fn events(arm: &ArmRun, wall_time: f64) -> Vec<u8> {
    let mut out = Vec::new();
    record(&mut out, &event(wall_time, 0, Content::Version("brain.Event:2")));
    let mut last = 0;
    for (step, point) in super::steps(arm) {
        last = step;
        for (name, loss) in [("train_loss", point.train_loss), ("val_loss", point.val_loss)] {
            if let Some(loss) = loss {
                let tag = format!("{name}/{}", phase_name(point.phase));
                record(&mut out, &event(wall_time, step, Content::Scalar(&tag, loss as f32)));
            }
        }
    }
    for (step, point) in super::score_steps(arm) {
        let tag = format!("in_training/{}/{}", point.task, point.metric);
        record(&mut out, &event(wall_time, step, Content::Scalar(&tag, point.value as f32)));
    }
    for score in &arm.scores {
        let tag = format!("{}/{}", score.task, score.metric);
        record(&mut out, &event(wall_time, last, Content::Scalar(&tag, score.value as f32)));
    }
    out
}

enum Content<'a> {
    Version(&'a str),
    Scalar(&'a str, f32),
}

/// `Event { wall_time = 1, step = 2, file_version = 3 | summary = 5 { value = 1 { tag = 1, simple_value = 2 } } }`.
fn event(wall_time: f64, step: u64, content: Content<'_>) -> Vec<u8> {
    const FIXED_64: u64 = 1;
    const LENGTH: u64 = 2;
    const FIXED_32: u64 = 5;
    let mut out = Vec::new();
    let tag = |out: &mut Vec<u8>, field: u64, wire: u64| varint(out, field << 3 | wire);
    let bytes = |out: &mut Vec<u8>, field: u64, bytes: &[u8]| {
        tag(out, field, LENGTH);
        varint(out, bytes.len() as u64);
        out.extend_from_slice(bytes);
    };
    tag(&mut out, 1, FIXED_64);
    out.extend_from_slice(&wall_time.to_le_bytes());
    tag(&mut out, 2, 0);
    varint(&mut out, step);
    match content {
        Content::Version(version) => bytes(&mut out, 3, version.as_bytes()),
        Content::Scalar(name, scalar) => {
            let mut value = Vec::new();
            bytes(&mut value, 1, name.as_bytes());
            tag(&mut value, 2, FIXED_32);
            value.extend_from_slice(&scalar.to_le_bytes());
            let mut summary = Vec::new();
            bytes(&mut summary, 1, &value);
            bytes(&mut out, 5, &summary);
        }
    }
    out
}

fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn record(out: &mut Vec<u8>, data: &[u8]) {
    let length = (data.len() as u64).to_le_bytes();
    for part in [&length[..], data] {
        out.extend_from_slice(part);
        out.write_all(&masked(crc32c::crc32c(part)).to_le_bytes()).expect("memory takes every byte");
    }
}

/// `crc32c::Mask` of TensorFlow: a checksum of bytes that hold checksums is weak.
fn masked(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}
