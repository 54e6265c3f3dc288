// SPDX-License-Identifier: Apache-2.0

// Excerpts in the results of a search are fetched, which browsers refuse for a site that is opened from files.
DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = location.protocol !== "file:";
