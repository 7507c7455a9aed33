import { testRebases } from './rebase-properties.ts'

testRebases()
