// LAPACK's routines for real matrices, by their Fortran names: OpenBLAS always has these, while the C interface is a
// package of its own on some distributions. Each text argument has a hidden length at the end of the list, as GNU
// Fortran passes it.
#pragma once

#include <cstddef>

namespace cresset::cpu {

template <typename T>
struct Lapack;

#define CRESSET_LAPACK(T, p)                                                                                           \
  extern "C" {                                                                                                         \
  void p##getrf_(const int* m, const int* n, T* a, const int* lda, int* pivots, int* info);                            \
  void p##getrs_(const char* trans, const int* n, const int* nrhs, const T* a, const int* lda, const int* pivots,      \
                 T* b, const int* ldb, int* info, size_t);                                                             \
  void p##potrf_(const char* uplo, const int* n, T* a, const int* lda, int* info, size_t);                             \
  void p##potrs_(const char* uplo, const int* n, const int* nrhs, const T* a, const int* lda, T* b, const int* ldb,    \
                 int* info, size_t);                                                                                   \
  void p##potri_(const char* uplo, const int* n, T* a, const int* lda, int* info, size_t);                             \
  void p##trsm_(const char* side, const char* uplo, const char* trans, const char* diag, const int* m, const int* n,   \
                const T* alpha, const T* a, const int* lda, T* b, const int* ldb, size_t, size_t, size_t, size_t);     \
  void p##geqrf_(const int* m, const int* n, T* a, const int* lda, T* tau, T* work, const int* lwork, int* info);      \
  void p##orgqr_(const int* m, const int* n, const int* k, T* a, const int* lda, const T* tau, T* work,                \
                 const int* lwork, int* info);                                                                         \
  void p##ormqr_(const char* side, const char* trans, const int* m, const int* n, const int* k, const T* a,            \
                 const int* lda, const T* tau, T* c, const int* ldc, T* work, const int* lwork, int* info, size_t,     \
                 size_t);                                                                                              \
  void p##gesdd_(const char* job, const int* m, const int* n, T* a, const int* lda, T* s, T* u, const int* ldu, T* vt, \
                 const int* ldvt, T* work, const int* lwork, int* iwork, int* info, size_t);                           \
  void p##syevd_(const char* job, const char* uplo, const int* n, T* a, const int* lda, T* w, T* work,                 \
                 const int* lwork, int* iwork, const int* liwork, int* info, size_t, size_t);                          \
  void p##sytrf_(const char* uplo, const int* n, T* a, const int* lda, int* pivots, T* work, const int* lwork,         \
                 int* info, size_t);                                                                                   \
  void p##sytrs_(const char* uplo, const int* n, const int* nrhs, const T* a, const int* lda, const int* pivots, T* b, \
                 const int* ldb, int* info, size_t);                                                                   \
  void p##gels_(const char* trans, const int* m, const int* n, const int* nrhs, T* a, const int* lda, T* b,            \
                const int* ldb, T* work, const int* lwork, int* info, size_t);                                         \
  void p##gelsy_(const int* m, const int* n, const int* nrhs, T* a, const int* lda, T* b, const int* ldb, int* jpvt,   \
                 const T* rcond, int* rank, T* work, const int* lwork, int* info);                                     \
  void p##gelsd_(const int* m, const int* n, const int* nrhs, T* a, const int* lda, T* b, const int* ldb, T* s,        \
                 const T* rcond, int* rank, T* work, const int* lwork, int* iwork, int* info);                         \
  void p##gelss_(const int* m, const int* n, const int* nrhs, T* a, const int* lda, T* b, const int* ldb, T* s,        \
                 const T* rcond, int* rank, T* work, const int* lwork, int* info);                                     \
  }                                                                                                                    \
  template <>                                                                                                          \
  struct Lapack<T> {                                                                                                   \
    static constexpr auto getrf = p##getrf_;                                                                           \
    static constexpr auto getrs = p##getrs_;                                                                           \
    static constexpr auto potrf = p##potrf_;                                                                           \
    static constexpr auto potrs = p##potrs_;                                                                           \
    static constexpr auto potri = p##potri_;                                                                           \
    static constexpr auto trsm = p##trsm_;                                                                             \
    static constexpr auto geqrf = p##geqrf_;                                                                           \
    static constexpr auto orgqr = p##orgqr_;                                                                           \
    static constexpr auto ormqr = p##ormqr_;                                                                           \
    static constexpr auto gesdd = p##gesdd_;                                                                           \
    static constexpr auto syevd = p##syevd_;                                                                           \
    static constexpr auto sytrf = p##sytrf_;                                                                           \
    static constexpr auto sytrs = p##sytrs_;                                                                           \
    static constexpr auto gels = p##gels_;                                                                             \
    static constexpr auto gelsy = p##gelsy_;                                                                           \
    static constexpr auto gelsd = p##gelsd_;                                                                           \
    static constexpr auto gelss = p##gelss_;                                                                           \
  }

CRESSET_LAPACK(float, s);
CRESSET_LAPACK(double, d);
#undef CRESSET_LAPACK

}  // namespace cresset::cpu
