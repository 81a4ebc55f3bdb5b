// node embed_assets.mjs SET ROOT OUT: writes the sources of goop_embed (embed_assets.cmake).
//
// Files that have not changed are not written again, so that nothing is compiled for them.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const [set, root, out] = process.argv.slice(2);

const types = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.md': 'text/markdown; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};
const binary = new Set(['.png']);

const names = readdirSync(root, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)));
names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))); // as find() compares

const chunks = [];
let offset = 0;
const place = (bytes) => {
  const at = offset;
  chunks.push(bytes);
  offset += bytes.length;
  return `at(${at}, ${bytes.length})`;
};

function row(name) {
  const type = types[extname(name)];
  if (!type) throw new Error(`${name}: cmake/embed_assets.mjs knows no type for it`);
  const bytes = readFileSync(join(root, name));
  const small = binary.has(extname(name)) ? null : compress(bytes);
  const etag = createHash('sha256').update(bytes).digest('hex');
  const compressed = small && small.length < bytes.length ? place(small) : '{}';
  return `      {"${name}", "${type}", ${place(bytes)}, ${compressed}, "${etag}"},`;
}

function compress(bytes) {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
}

const rows = names.map(row);
const symbol = `goop_assets_${set}_blob`;
const note = '// Made by cmake/embed_assets.mjs.';

const write = (name, content) => {
  const file = join(out, name);
  const bytes = Buffer.from(content);
  try {
    if (readFileSync(file).equals(bytes)) return;
  } catch {
    // not there yet
  }
  writeFileSync(file, bytes);
};

mkdirSync(join(out, 'assets'), { recursive: true });
write('assets.bin', Buffer.concat(chunks));
write(
  'assets.S',
  `${note}
  .section .rodata.${symbol},"a",@progbits
  .balign 16
  .globl ${symbol}
  .hidden ${symbol}
  .type ${symbol}, @object
${symbol}:
  .incbin "${join(out, 'assets.bin')}"
  .size ${symbol}, . - ${symbol}
  .section .note.GNU-stack,"",@progbits
`,
);
write(
  `assets/${set}.h`,
  `${note}
#pragma once
#include "base/asset.h"

namespace goop::assets {
const AssetSet& ${set}();
}
`,
);
write(
  'assets.cpp',
  `${note}
#include "assets/${set}.h"

extern "C" const std::uint8_t ${symbol}[];

namespace goop::assets {
namespace {
BytesView at(std::size_t offset, std::size_t size) { return {${symbol} + offset, size}; }
}  // namespace

const AssetSet& ${set}() {
  static const Asset files[] = {
${rows.join('\n')}
  };
  static const AssetSet made(files);
  return made;
}
}  // namespace goop::assets
`,
);
