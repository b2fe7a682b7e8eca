// SPDX-License-Identifier: Apache-2.0
// The entry: starts the parts, and shows the view that the address names.
import { startShell } from './service/shell.js';

startShell();
