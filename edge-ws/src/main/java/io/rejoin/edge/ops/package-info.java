/** What an edge serves over plain HTTP: its health, its metrics, the demo page and the client's files. */
@NullMarked
package io.rejoin.edge.ops;

import org.jspecify.annotations.NullMarked;
