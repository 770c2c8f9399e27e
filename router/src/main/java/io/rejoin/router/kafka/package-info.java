/** The shell around the core: reads commands, emits outputs, keeps checkpoints, watches edges. */
@NullMarked
package io.rejoin.router.kafka;

import org.jspecify.annotations.NullMarked;
