/**
 * What the meta log stores: facts, past tense, and their bytes. Everything here is immutable and belongs to no thread; the
 * entry class is {@link io.robustmq.meta.fact.MetaEntryCodec}.
 */
@NullMarked
package io.robustmq.meta.fact;

import org.jspecify.annotations.NullMarked;
