import { test } from 'tap'
import { modules as framework } from '../../src/devnet/chain/framework/bytecode.ts'
import { compileFramework } from '../../src/devnet/chain/framework/build.ts'
import { compileContracts } from '../../src/devnet/contracts/build.ts'
import { modules as contracts } from '../../src/devnet/contracts/bytecode.ts'
import { compilePlayground, playgroundPackage } from './chain-playground.ts'

test('the bytecode of std and sui is what their sources compile to', async (t) => {
  t.same(await compileFramework(), framework)
})

test('the bytecode of WAL and Walrus is what their sources compile to', async (t) => {
  t.same(await compileContracts(), contracts)
})

test("the bytecode of the tests' own package is what its sources compile to", async (t) => {
  t.same(await compilePlayground(), playgroundPackage())
})
