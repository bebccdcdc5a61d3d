// A picture is made small before it is sent: the network is slow, and where it was taken is nobody's business.
const LONGEST = 1600;
const BYTES = 350000;
const QUALITIES = [0.8, 0.65, 0.5];
const THUMB = 240;
// milliseconds for making it small; a phone that can't do it sends the picture as it is
const PATIENCE = 20000;

// The small picture (or the file itself where this browser can't) and a thumbnail as a data address ("": none).
export async function shrink(file) {
  let clock;
  const late = new Promise((done) => (clock = setTimeout(done, PATIENCE, null)));
  const small = await Promise.race([redraw(file).catch(() => null), late]);
  clearTimeout(clock);
  return small || { file, thumb: "" };
}

async function redraw(file) {
  const url = URL.createObjectURL(file);
  try {
    const image = new Image();
    await new Promise((done, failed) => Object.assign(image, { onload: done, onerror: failed, src: url }));
    const thumb = draw(image, THUMB).toDataURL("image/jpeg", 0.6);
    for (const longest of [LONGEST, LONGEST * 0.75]) {
      const canvas = draw(image, longest);
      for (const quality of QUALITIES) {
        const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
        if (!blob) return null;
        if (blob.size <= BYTES || (longest < LONGEST && quality === QUALITIES[QUALITIES.length - 1])) return { file: blob, thumb };
      }
    }
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
}

function draw(image, longest) {
  const share = Math.min(1, longest / Math.max(image.naturalWidth, image.naturalHeight));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.naturalWidth * share));
  canvas.height = Math.max(1, Math.round(image.naturalHeight * share));
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#fff"; // a picture may be transparent
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas;
}
