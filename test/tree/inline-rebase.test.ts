import { testRebases } from './rebase-properties.ts'

const [record, commit] = [true, false]
testRebases([record])
testRebases([commit, record])
testRebases([commit, record, record, record])
testRebases([record, record, commit])
