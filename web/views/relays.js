// SPDX-License-Identifier: Apache-2.0
// Relays, live and past.
import { KINDS } from '../requests/kinds.js';
import { requestListView } from '../requests/list_view.js';

export default requestListView(KINDS.relays);
