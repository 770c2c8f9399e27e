/** What an edge is told by its environment: one record for each part of it. */
@NullMarked
package io.rejoin.edge.config;

import org.jspecify.annotations.NullMarked;
