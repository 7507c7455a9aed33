import { inflateRawSync } from 'node:zlib'
import { test } from 'tap'
import { compileKernel } from '../../src/redstuff/kernel/build.ts'
import { packedKernel } from '../../src/redstuff/kernel/kernel-wasm.ts'
import { kernelRuns } from '../../src/redstuff/kernel/kernel.ts'

test('the committed kernel is what its sources compile to', async (t) => {
  const carried = inflateRawSync(Buffer.from(packedKernel, 'base64'))
  const fresh = await compileKernel()
  t.ok(carried.equals(fresh), 'run `node src/redstuff/kernel/build.ts` and commit kernel-wasm.ts')
})

test('this engine runs the kernel', async (t) => {
  t.ok(kernelRuns())
})
