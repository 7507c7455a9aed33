import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where the functions of a project are, and what the program says when all are linked. */
export const expected = (files: number): string => {
  let sum = 0
  for (let i = 0; i < files; i++) sum += i * i
  return `${sum}\n`
}

/** A C project: a function a file, headers with dependencies that gcc finds, a static library, a shared one, a program. */
export function makeProject(root: string, files = 50): void {
  for (const directory of ['src', 'include']) mkdirSync(join(root, directory), { recursive: true })
  for (let i = 0; i < files; i++) {
    writeFileSync(join(root, `include/part${i}.h`), `#pragma once\nlong part${i}(long base);\n`)
    writeFileSync(join(root, `src/part${i}.c`), part(i))
  }
  const includes = numbers(files).map((i) => `#include "part${i}.h"\n`)
  const calls = numbers(files).map((i) => `part${i}(0)`)
  writeFileSync(
    join(root, 'src/main.c'),
    `#include <stdio.h>\n${includes.join('')}int main(void) { printf("%ld\\n", ${calls.join(' + ')}); return 0; }\n`,
  )
  writeFileSync(join(root, 'Makefile'), makefile(files))
}

function numbers(files: number): number[] {
  return Array.from({ length: files }, (_, i) => i)
}

function part(i: number): string {
  const table = Array.from({ length: 200 }, (_, at) => (at * i) % 251).join(', ')
  return `#include <stdlib.h>
#include <string.h>
#include "part${i}.h"
static const unsigned char table[] = { ${table} };
long part${i}(long base) {
  unsigned char *copy = malloc(sizeof table);
  if (!copy) return -1;
  memcpy(copy, table, sizeof table);
  long result = base + (copy[1] == ${i % 251} ? ${i * i}L : 0L);
  free(copy);
  return result;
}
`
}

function makefile(files: number): string {
  const half = Math.floor(files / 2)
  const objects = (from: number, to: number) =>
    numbers(to - from)
      .map((i) => `build/part${from + i}.o`)
      .join(' ')
  return `CFLAGS = -O2 -fPIC -Wall -Werror -Iinclude -MMD -MP
STATIC = ${objects(0, half)}
SHARED = ${objects(half, files)}
all: build/program
build/program: build/main.o build/libone.a build/libtwo.so
\t$(CC) -o $@ build/main.o -Lbuild -lone -ltwo -Wl,-rpath,'$$ORIGIN'
build/libone.a: $(STATIC)
\trm -f $@
\t$(AR) rcs $@ $^
build/libtwo.so: $(SHARED)
\t$(CC) -shared -o $@ $^
build/%.o: src/%.c | build
\t$(CC) $(CFLAGS) -c -o $@ $<
build:
\tmkdir -p build
clean:
\trm -rf build
-include $(wildcard build/*.d)
`
}
