#!/usr/bin/env node
import { runCommandLine } from './runCommandLine.js';

await runCommandLine();
