/** What an edge counts, by who counts it. Labels are of closed sets: nothing grows with clients or rooms. */
@NullMarked
package io.rejoin.edge.metrics;

import org.jspecify.annotations.NullMarked;
