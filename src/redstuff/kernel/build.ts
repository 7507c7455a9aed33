import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { blake2bSource } from './blake2b-source.ts'

/** The part of the compiler that is used here: its own types would declare globals of another platform. */
interface Compiler {
  main(
    options: readonly string[],
    files: {
      readonly readFile: (name: string) => string | null
      readonly writeFile: (name: string, contents: string | Uint8Array) => void
      readonly listFiles: () => string[]
    },
  ): Promise<{ readonly error: Error | null; readonly stderr: { readonly toString: () => string } }>
}

const compilerName: string = 'assemblyscript/asc'
const assembly = join(import.meta.dirname, 'assembly')
const options = [
  'index.ts',
  '--outFile=kernel.wasm',
  '-O3',
  '--noAssert',
  '--runtime=stub',
  '--use=abort=',
  '--enable=simd,relaxed-simd,threads,bulk-memory,sign-extension',
  '--importMemory',
  '--sharedMemory',
  '--initialMemory=16',
  '--maximumMemory=65536',
  '--noExportMemory',
]

/** Compiles the kernel. Throws with the compiler's messages. */
export async function compileKernel(): Promise<Uint8Array> {
  const compiler = (await import(compilerName)) as { readonly default: Compiler }
  let wasm: Uint8Array | undefined
  const { error, stderr } = await compiler.default.main(options, {
    readFile: (name) => {
      if (name === 'blake2b.ts') return blake2bSource()
      if (name.startsWith('node_modules/') || name.includes('..')) return null
      try {
        return readFileSync(join(assembly, name), 'utf8')
      } catch {
        return null
      }
    },
    writeFile: (name, contents) => {
      if (name === 'kernel.wasm' && typeof contents !== 'string') wasm = contents
    },
    listFiles: () => [],
  })
  if (error || !wasm) throw new Error(`the kernel does not compile: ${stderr.toString()}`)
  return wasm
}

/** The text of the module that carries the compiled kernel. */
export function kernelModule(wasm: Uint8Array): string {
  const packed = deflateRawSync(wasm, { level: 9 }).toString('base64')
  return `/** The compiled kernel, deflated: written by build.ts from assembly/. */\nexport const packedKernel = '${packed}'\n`
}

/** Compiles the kernel and writes its module, unless it already carries the same bytes. */
async function build(): Promise<void> {
  const wasm = await compileKernel()
  const path = join(import.meta.dirname, 'kernel-wasm.ts')
  const known = existsSync(path) ? /'(.*)'/.exec(readFileSync(path, 'utf8'))?.[1] : undefined
  if (known && inflateRawSync(Buffer.from(known, 'base64')).equals(wasm)) return
  writeFileSync(path, kernelModule(wasm))
}

if (process.argv[1] === import.meta.filename) await build()
