/**
 * Objects in S3, or in a store that speaks its protocol. Entry: {@link io.robustmq.storage.s3.S3ObjectStore}. Called from
 * workers' threads, which it blocks; the only package that knows Amazon's SDK.
 */
@NullMarked
package io.robustmq.storage.s3;

import org.jspecify.annotations.NullMarked;
