/** What is measured: systems whose servers are processes of their own, and what these processes use. */
@NullMarked
package io.rejoin.bench.system;

import org.jspecify.annotations.NullMarked;
