"""The challenger: gradient boosting that can only rise or fall with each signal.

Not additive, so it explains nothing and never scores; it is shown beside the champion
when it wins on later days with enough outcomes (SCIENCE 3.9).
"""

import numpy as np

from orchestration.scoring.backtest import Model
from orchestration.scoring.coefficients import Vector
from orchestration.scoring.estimator import Prior
from orchestration.scoring.learning import Design

MIN_OUTCOMES = 1_000


def monotone_boosting(prior: Prior, seed: int = 0) -> Model:
    """A model as `backtest` asks for one; signs as the experts' prior has them."""

    def fitted(learned_from: Design, asked: Design) -> Vector:
        # Imported here: it takes a second that no other command should wait for.
        from sklearn.ensemble import HistGradientBoostingClassifier

        model = HistGradientBoostingClassifier(
            learning_rate=0.05,
            max_iter=200,
            max_leaf_nodes=15,
            min_samples_leaf=100,
            l2_regularization=5.0,
            monotonic_cst=prior.sign.tolist(),
            random_state=seed,
        )
        model.fit(learned_from.x, learned_from.y, learned_from.row_weight)
        return np.asarray(model.predict_proba(asked.x)[:, 1], dtype=np.float64)

    return fitted
