#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { directoriesOf } from '../daemon/directories.ts'

// Compiled code is kept beside the cache: half of a command's time is loading.
enableCompileCache(join(directoriesOf(process.env).cache, 'code'))
await import('./program.ts')
