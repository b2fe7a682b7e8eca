// SPDX-License-Identifier: Apache-2.0
// Before anything is painted: the colours that were chosen here last.
try {
  const theme = localStorage.getItem('ckbridge-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // storage is switched off: the system's colours
}
