// SPDX-License-Identifier: Apache-2.0
// One relay, with all that happened to it.
import { requestDetailView } from '../requests/detail_view.js';
import { KINDS } from '../requests/kinds.js';

export default requestDetailView(KINDS.relays);
