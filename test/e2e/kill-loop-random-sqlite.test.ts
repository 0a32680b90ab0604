import { randomKillSuite } from './kill-loop/random-kill-suite.ts'

randomKillSuite('SQLite')
