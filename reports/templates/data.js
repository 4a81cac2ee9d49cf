"use strict";
// The sample browser, part 1: unpacks the page's data. Everything that a model wrote goes into the page as text, never as
// markup.
const phiData = (() => {
  const unpack = async (id) => {
    const base64 = document.getElementById(id).textContent.trim();
    const bytes = Uint8Array.fromBase64
      ? Uint8Array.fromBase64(base64)
      : Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  };

  let index = null;
  const chunks = [];
  const chunk = (i) => (chunks[i] ??= unpack(`texts-${i}`).then((texts) => (chunks[i] = texts)));

  /// Position of the last value that is at most `wanted` in a sorted list.
  const lastUpTo = (sorted, wanted) => {
    let low = 0, high = sorted.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (sorted[middle] <= wanted) low = middle; else high = middle - 1;
    }
    return low;
  };

  const load = async () => (index ??= await unpack("sample-index"));

  const text = async (id) => {
    const i = lastUpTo(index.chunk_starts, id);
    return (await chunk(i))[id - index.chunk_starts[i]];
  };

  const end = (starts, i, all) => (i + 1 < starts.length ? starts[i + 1] : all.length);
  const answersOf = (q) => {
    const { first } = index.questions;
    const found = [];
    for (let a = first[q]; a < end(first, q, index.answers.source); a++) found.push(a);
    return found;
  };
  const responsesOf = (a) => {
    const { first } = index.answers;
    const found = [];
    for (let r = first[a]; r < end(first, a, index.responses.text); r++) found.push(r);
    return found;
  };

  /// Which texts hold a word, as a list of 0 and 1; `going()` says whether the answer is still wanted.
  const holding = async (word, going) => {
    const pattern = new RegExp(word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "i");
    const found = [];
    let pause = performance.now() + 12;
    for (let i = 0; i < index.chunk_starts.length; i++) {
      for (const text of await chunk(i)) found.push(pattern.test(text) ? 1 : 0);
      if (performance.now() > pause) {
        await new Promise((done) => setTimeout(done));
        if (!going()) return null;
        pause = performance.now() + 12;
      }
    }
    return found;
  };

  return { load, text, answersOf, responsesOf, holding, get index() { return index; } };
})();
